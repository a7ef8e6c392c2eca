/** The README's TypeScript blocks; each is a program of its own. */
export function examplesOf(readme) {
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1])
}
