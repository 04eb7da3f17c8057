/** Monaco with the features a driver author uses, its two workers, and TypeScript told about 'ndis'. */
import * as monaco from 'monaco-editor/editor'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import 'monaco-editor/features/bracketMatching/register'
import 'monaco-editor/features/caretOperations/register'
import 'monaco-editor/features/clipboard/register'
import 'monaco-editor/features/codeAction/register'
import 'monaco-editor/features/codeEditor/register'
import 'monaco-editor/features/codelens/register'
import 'monaco-editor/features/codicon/register'
import 'monaco-editor/features/comment/register'
import 'monaco-editor/features/contextmenu/register'
import 'monaco-editor/features/cursorUndo/register'
import 'monaco-editor/features/diffEditor/register'
import 'monaco-editor/features/dropOrPasteInto/register'
import 'monaco-editor/features/find/register'
import 'monaco-editor/features/folding/register'
import 'monaco-editor/features/format/register'
import 'monaco-editor/features/gotoError/register'
import 'monaco-editor/features/gotoLine/register'
import 'monaco-editor/features/gotoSymbol/register'
import 'monaco-editor/features/hover/register'
import 'monaco-editor/features/indentation/register'
import 'monaco-editor/features/linesOperations/register'
import 'monaco-editor/features/links/register'
import 'monaco-editor/features/multicursor/register'
import 'monaco-editor/features/parameterHints/register'
import 'monaco-editor/features/quickOutline/register'
import 'monaco-editor/features/readOnlyMessage/register'
import 'monaco-editor/features/referenceSearch/register'
import 'monaco-editor/features/rename/register'
import 'monaco-editor/features/smartSelect/register'
import 'monaco-editor/features/snippet/register'
import 'monaco-editor/features/suggest/register'
import 'monaco-editor/features/tokenization/register'
import 'monaco-editor/features/wordHighlighter/register'
import 'monaco-editor/features/wordOperations/register'
import 'monaco-editor/languages/definitions/typescript/register'
import {
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  typescriptDefaults,
} from 'monaco-editor/languages/features/typescript/register'
import { jsonDefaults } from 'monaco-editor/languages/features/json/register'
import JsonWorker from 'monaco-editor/languages/features/json/json.worker?worker'
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker'
import { z } from 'zod'
import { CONFIGURATION_SUFFIX, configurationSchema } from '../../src/shared/configuration'

export { monaco }
export type CodeEditor = monaco.editor.IStandaloneCodeEditor
export type TextModel = monaco.editor.ITextModel

export const LANGUAGE = 'typescript'
const JSON_LANGUAGE = 'json'
export const languageOf = (uri: string): string => (uri.endsWith('.json') ? JSON_LANGUAGE : LANGUAGE)
/** ts.ModuleDetectionKind.Force: every document is a module of its own, with or without imports. */
const MODULE_DETECTION_FORCE = 3

/** Where the language service finds the ambient module. */
export const INTERFACE_FILE = 'file:///node_modules/@types/ndis/index.d.ts'

/** Documents are checked again: a file that one of them imports has come or changed. */
export const recheckTypes = (): void =>
  typescriptDefaults.setDiagnosticsOptions(typescriptDefaults.getDiagnosticsOptions())

let ready = false

/**
 * Completion and hovers by the schema. What is wrong says our own check (configuration-check.ts), in the words of the command
 * line.
 */
function setUpJson(): void {
  const schema = z.toJSONSchema(configurationSchema, { target: 'draft-7' })
  const uri = 'ndis:configuration.schema.json'
  jsonDefaults.setDiagnosticsOptions({ schemas: [{ uri, fileMatch: [`*${CONFIGURATION_SUFFIX}`], schema }] })
  jsonDefaults.setModeConfiguration({ ...jsonDefaults.modeConfiguration, diagnostics: false })
}

/** @param dts the ambient module 'ndis', as the host derives it from the API table. */
export function setUpMonaco(dts: string): void {
  if (ready) return
  ready = true
  self.MonacoEnvironment = {
    getWorker: (_id, label) =>
      label === LANGUAGE || label === 'javascript'
        ? new TypeScriptWorker()
        : label === JSON_LANGUAGE
          ? new JsonWorker()
          : new EditorWorker(),
  }
  setUpJson()
  typescriptDefaults.setCompilerOptions({
    target: ScriptTarget.ESNext,
    module: ModuleKind.ESNext,
    moduleResolution: ModuleResolutionKind.NodeJs,
    moduleDetection: MODULE_DETECTION_FORCE,
    // The language and 'ndis', nothing else: no DOM, no Node.
    lib: ['lib.es2023.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    allowNonTsExtensions: true,
    allowImportingTsExtensions: true,
  })
  typescriptDefaults.setEagerModelSync(true)
  typescriptDefaults.addExtraLib(dts, INTERFACE_FILE)
}
