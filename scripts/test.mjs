// npm test [-- vitest filters]: sets everything up, builds, checks format, lint and types, runs every suite.
// The last line is the sum of all checks and tests.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildStale } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { ensureWireshark } from './wireshark.mjs'
import { ensureXmllint } from './xmllint.mjs'
import { installDependencies, requireNode, root, runMain, runTool, say } from './setup.mjs'

const results = path.join(root, 'out', 'test-results.json')

/** @type {readonly { name: string, run: () => number }[]} */
const CHECKS = [
  { name: 'format', run: () => runTool('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']) },
  { name: 'lint', run: () => runTool('eslint/bin/eslint.js', ['.']) },
  { name: 'types of the core', run: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.core.json']) },
  { name: 'types', run: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.json']) },
  { name: 'types of the end-to-end tests', run: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.e2e.json']) },
  { name: 'types of the page', run: () => runTool('vue-tsc/bin/vue-tsc.js', ['-p', 'tsconfig.web.json']) },
]

function runChecks() {
  const failed = CHECKS.filter((check) => {
    say(`checking ${check.name} ...`)
    return check.run() !== 0
  })
  for (const check of failed) say(`FAILED: ${check.name}`)
  return { passed: CHECKS.length - failed.length, failed: failed.length }
}

/**
 * What this script reads of vitest's JSON report.
 * @typedef {{ fullName: string, status: string }} TestResult
 * @typedef {{ name: string, status: string, assertionResults: TestResult[] }} FileResult
 * @typedef {{ testResults: FileResult[] }} Report
 */

/** @param {readonly string[]} filters */
function runSuites(filters) {
  say('running the tests ...')
  mkdirSync(path.dirname(results), { recursive: true })
  rmSync(results, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
  const code = runTool('vitest/vitest.mjs', ['run', ...reporters, ...filters])
  /** @type {Report} */
  const report = JSON.parse(readFileSync(results, 'utf8'))
  const tests = report.testResults.flatMap((file) => file.assertionResults)
  /** @param {string} status */
  const count = (status) => tests.filter((test) => test.status === status).length
  // A file that cannot be loaded has no failed test of its own, and an error outside of every test belongs to no file.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = count('failed') + broken
  const notRun = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  return { passed: count('passed'), failed: failed === 0 && code !== 0 ? 1 : failed, notRun }
}

await runMain(async () => {
  requireNode()
  installDependencies()
  ensureChromium()
  ensureWireshark()
  ensureXmllint()
  await buildStale()
  const checks = runChecks()
  const suites = runSuites(process.argv.slice(2))
  for (const test of suites.notRun) say(`NOT RUN: ${test.fullName}`)
  const failed = checks.failed + suites.failed
  process.exitCode = failed === 0 ? 0 : 1
  console.log(`${checks.passed + suites.passed} passed, ${failed} failed`)
})
