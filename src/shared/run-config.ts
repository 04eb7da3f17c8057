import { overrideKeywords, type Keywords } from './configuration'
import { DEFAULT_RUN_CONFIG, type RunConfig } from './engine'
import { linkOf, type Hardware } from './hardware'
import { overrideLevels, type RuleLevels } from './rule-levels'

/** What a person, or another editor, chose for a run. */
export type RunChoice = Partial<Omit<RunConfig, 'nics' | 'link'>> & Hardware

const {
  nics: _nics,
  link: _link,
  keywords: _keywords,
  levels: _levels,
  scenario,
  frames,
  ...defaults
} = DEFAULT_RUN_CONFIG
/** The defaults without what a configuration file beside a driver may say. */
export const DEFAULT_CHOICE = defaults

/** A whole run configuration: what is given wins over the configuration file beside the driver, that over the defaults. */
export function runConfig(
  ofFile: { readonly keywords: Keywords; readonly hardware: Hardware; readonly levels: RuleLevels },
  given: RunChoice,
): RunConfig {
  return {
    ...DEFAULT_RUN_CONFIG,
    ...given,
    keywords: overrideKeywords(ofFile.keywords, given.keywords ?? {}),
    levels: overrideLevels(ofFile.levels, given.levels ?? {}),
    scenario: given.scenario ?? ofFile.hardware.scenario ?? scenario,
    frames: given.frames ?? ofFile.hardware.frames ?? frames,
    nics: given.nics ?? ofFile.hardware.nics ?? [],
    link: linkOf(given.link ?? ofFile.hardware.link),
  }
}
