/** What can happen to the drivers of a session, by the names that --scenario takes. */
export type ScenarioName = 'default' | 'lifecycle' | 'send' | 'receive' | 'echo' | 'stress' | 'shutdown' | 'flood'
