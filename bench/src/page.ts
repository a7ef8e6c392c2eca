/** `pnpm bench:page`: serves the page over the figures in a folder, or builds it there as static files. */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { InlineConfig, ViteDevServer } from 'vite'
import { projectFolder } from './paths.ts'

const pageFolder = join(projectFolder, 'bench', 'page')
export const dataFiles: readonly string[] = ['run.ndjson', 'comparison.ndjson', 'history.ndjson']

/** The figures that come with the project. */
export const bundledData: string = join(projectFolder, 'bench', 'results')

function config(data: string): InlineConfig {
  return {
    root: pageFolder,
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { target: 'es2023', emptyOutDir: true },
    plugins: [
      {
        name: 'figures',
        configureServer(server: ViteDevServer) {
          server.middlewares.use((request, response, next) => {
            const name = dataFiles.find((file) => request.url?.split('?')[0] === `/data/${file}`)
            if (name === undefined) return next()
            const file = join(data, name)
            if (!existsSync(file)) {
              response.statusCode = 404
              response.end()
              return
            }
            response.setHeader('content-type', 'application/x-ndjson')
            response.end(readFileSync(file))
          })
        },
      },
    ],
  }
}

/** Static files with the figures beside them. */
export async function buildPage(data: string, into: string): Promise<void> {
  const { build } = await import('vite')
  const folder = resolve(into)
  await build({ ...config(data), build: { outDir: folder, emptyOutDir: true, target: 'es2023' } })
  mkdirSync(join(folder, 'data'), { recursive: true })
  for (const name of dataFiles) if (existsSync(join(data, name))) cpSync(join(data, name), join(folder, 'data', name))
}

/** Serves while the process lives; returns the address. */
export async function servePage(data: string, port: number): Promise<{ url: string; close(): Promise<void> }> {
  const { createServer } = await import('vite')
  const server = await createServer({ ...config(data), server: { port, host: '127.0.0.1' } })
  await server.listen()
  return { url: server.resolvedUrls?.local[0] ?? `http://127.0.0.1:${port}/`, close: () => server.close() }
}
