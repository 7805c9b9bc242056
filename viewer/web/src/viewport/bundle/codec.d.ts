declare module '@cornerstonejs/codec-openjph' {
  const openjph: (options: { locateFile: (name: string) => string }) => Promise<never>;
  export default openjph;
}
declare module '@cornerstonejs/codec-openjph/wasm?url' {
  const url: string;
  export default url;
}
