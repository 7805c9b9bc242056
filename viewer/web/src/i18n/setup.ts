// For tests: both languages are there.
import { learn } from '.';

await Promise.all([learn('ja'), learn('en')]);
