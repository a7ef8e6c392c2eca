/** Size of a package in a user's bundle, in bytes, as size-limit tells it: minified by esbuild, compressed by brotli. A test compares the two. */
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'

/** What size-limit takes off: a bundle of nothing. */
const EMPTY_BUNDLE = 16

export async function bundleBytes(entry: string): Promise<number> {
  const bundled = await build({ entryPoints: [entry], bundle: true, minify: true, write: false })
  return brotliCompressSync(bundled.outputFiles[0]!.contents).length - EMPTY_BUNDLE
}
