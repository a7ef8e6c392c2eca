// `node tools/packaging/api-report.mjs` writes packages/*/etc/*.api.md anew; the tests compare them, so that a reviewer sees each change of a public API.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { libraryPackages } from './packages.mjs'

export function reportFile({ folder, short }) {
  return join(folder, 'etc', `${short}.api.md`)
}

/** The API report of a built package as text. Throws when the extractor finds an error. */
export function apiReport({ folder, name, short }) {
  const temp = mkdtempSync(join(tmpdir(), 'iommukit-api-'))
  try {
    const entry = join(folder, 'dist', 'index.d.ts')
    const compilerOptions = {
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      skipLibCheck: true,
      types: [],
    }
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: entry,
        compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
        apiReport: { enabled: true, reportFileName: `${short}.api.md`, reportFolder: temp, reportTempFolder: join(temp, 'temp') },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
    })
    const problems = []
    const result = Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        message.handled = true
        if (message.logLevel === 'error') problems.push(message.text)
      },
    })
    if (result.errorCount > 0) throw new Error(`${name}: ${problems.join('; ')}`)
    return readFileSync(join(temp, `${short}.api.md`), 'utf8').replaceAll('\r\n', '\n')
  } finally {
    rmSync(temp, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const each of libraryPackages()) {
    mkdirSync(join(each.folder, 'etc'), { recursive: true })
    writeFileSync(reportFile(each), apiReport(each))
    console.log(`written: ${reportFile(each)}`)
  }
}
