/** Size of a package as a user's bundler would ship it: minified by esbuild, compressed by brotli. Bytes. */
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'

export async function bundleBytes(entry: string): Promise<number> {
  const bundled = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  })
  return brotliCompressSync(bundled.outputFiles[0]!.contents).length
}
