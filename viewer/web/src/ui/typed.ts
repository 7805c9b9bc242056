import { useEffect, useState } from 'preact/hooks';

const pause = 250;

/** What has been typed, once typing pauses: to ask the server with. */
export function useTyped(text: string): string {
  const [settled, setSettled] = useState(text.trim());
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), text.trim() === '' ? 0 : pause);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
