// One build at a time in a checkout: `npm start` and `npm test` in two terminals must not write out/ together.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root, say } from './setup.mjs'

const lockFile = path.join(root, 'out', '.build-lock')

/** @returns {boolean} */
function tryLock() {
  mkdirSync(path.dirname(lockFile), { recursive: true })
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** The process that holds the lock is gone: it was killed during a build. */
function holderIsGone() {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}

/**
 * @template T
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withBuildLock(work) {
  for (let waited = 0; !tryLock(); waited += 1) {
    if (waited === 0) say('another build is running in this checkout, waiting for it ...')
    if (holderIsGone()) rmSync(lockFile, { force: true })
    else await sleep(500)
  }
  const release = () => rmSync(lockFile, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.off('exit', release)
  }
}
