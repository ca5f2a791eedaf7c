import ts from 'typescript-6';

/** Where a CommonJS module is, as `import.meta.url` says it of an ES module. */
const URL_OF_MODULE = 'require("node:url").pathToFileURL(__filename).href';

/** The same module as CommonJS. */
export function toCommonJs(code: string, fileName: string): string {
  const { outputText } = ts.transpileModule(withoutMap(code).replaceAll('import.meta.url', URL_OF_MODULE), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  if (outputText.includes('import.meta')) throw new Error(`${fileName} uses import.meta, which CommonJS lacks`);
  return outputText;
}

/** Without the name of its source map. */
export const withoutMap = (code: string): string => code.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
