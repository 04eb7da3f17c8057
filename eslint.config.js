import path from 'node:path'
import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

/** Pure functions of bytes, which import nothing: packet codecs and capture files. Core writes them, front ends read them. */
const FORMATS = 'src/core/wire/formats'
/** DESIGN section 1: which top folder may import which. Types of core are open to shared. */
const MAY_IMPORT = {
  [FORMATS]: [],
  'src/core': [FORMATS],
  'src/shared': ['src/core', FORMATS],
  'src/script': ['src/core', FORMATS, 'src/shared'],
  'src/worker': ['src/core', FORMATS, 'src/shared', 'src/script'],
  'src/debug': ['src/shared'],
  'src/host': ['src/shared', 'src/debug', FORMATS],
  'src/cli': ['src/shared', 'src/debug', 'src/host', FORMATS],
  main: ['src/shared', 'src/debug', 'src/host'],
  renderer: ['src/shared', FORMATS],
}
/** Packages that only one place may import. */
const PACKAGES = [
  { test: /^electron$/, only: ['main'] },
  { test: /^(vue|pinia|reka-ui|monaco-editor|dockview-core|@tanstack\/vue-virtual)(\/|$)/, only: ['renderer'] },
  {
    test: /^node:(v8|module|worker_threads)$/,
    only: ['src/script', 'src/worker', 'src/debug', 'src/host', 'src/cli', 'main'],
  },
  { test: /^node:/, only: ['src/worker', 'src/debug', 'src/host', 'src/cli', 'main'] },
]

const folderOf = (file) => {
  const relative = path.relative(import.meta.dirname, file).split(path.sep)
  if (relative.join('/').startsWith(`${FORMATS}/`)) return FORMATS
  return relative[0] === 'src' ? relative.slice(0, 2).join('/') : relative[0]
}

const oneWay = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = folderOf(context.filename)
    const allowed = MAY_IMPORT[from]
    if (!allowed || /\.(spec|config)\.ts$/.test(context.filename)) return {}
    const check = (node) => {
      const source = node.source?.value
      if (typeof source !== 'string') return
      const only = PACKAGES.find((entry) => entry.test.test(source))
      if (only && !only.only.includes(from)) context.report({ node, message: `${from} may not import ${source}` })
      if (!source.startsWith('.')) return
      const to = folderOf(path.resolve(path.dirname(context.filename), source))
      if (to === from) return
      const typesOnly =
        from === 'src/shared' && to !== FORMATS && node.importKind !== 'type' && node.exportKind !== 'type'
      if (!allowed.includes(to) || typesOnly)
        context.report({ node, message: `${from} may not import ${to}${typesOnly ? ' (types only)' : ''}` })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  },
}

/** A function's own lines: those of functions inside it count for them, so that a factory of closures is judged by its parts. */
const MOST_LINES = 60
const functionSize = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const nested = []
    const enter = () => nested.push(0)
    const leave = (node) => {
      const inner = nested.pop()
      const lines = node.loc.end.line - node.loc.start.line + 1
      if (nested.length > 0) nested[nested.length - 1] += lines - 1
      if (lines - inner > MOST_LINES)
        context.report({ node, message: `this function has ${lines - inner} lines of its own; at most ${MOST_LINES}` })
    }
    return { ':function': enter, ':function:exit': leave }
  },
}

const sizes = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'workbench/function-size': 'error',
}

export default tseslint.config(
  { ignores: ['out/**', 'node_modules/**', 'test/fixtures/**', 'examples/**'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    plugins: { workbench: { rules: { 'one-way': oneWay, 'function-size': functionSize } } },
    rules: {
      'workbench/one-way': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/attributes-order': 'off',
      ...sizes,
    },
  },
  {
    files: ['src/core/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': ['error', 'Date', 'performance', 'setTimeout', 'setInterval', 'process', 'console'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'use the seeded generator' },
      ],
    },
  },
  {
    files: ['**/*.table.ts', '**/*.spec.ts', 'test/**', 'bench/**'],
    rules: { 'max-lines': 'off', 'workbench/function-size': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
)
