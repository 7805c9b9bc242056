// For tests: both languages are there, whole.
import { learn, learnAll } from '.';

await learnAll();
await Promise.all([learn('ja'), learn('en')]);
