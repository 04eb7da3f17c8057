/** Questions to the person, one at a time, awaited like any other answer. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export interface Choice {
  readonly id: string
  readonly label: string
  readonly primary?: boolean
}

export interface Question {
  readonly title: string
  readonly text: string
  readonly choices: readonly Choice[]
  /** Asks for a text as well; the value it starts with. */
  readonly input?: { readonly label: string; readonly value: string; readonly placeholder?: string }
  /** Two texts to compare, shown side by side. */
  readonly compare?: {
    readonly left: string
    readonly right: string
    readonly leftLabel: string
    readonly rightLabel: string
  }
}

export interface Answer {
  /** Id of the choice; 'cancel' when the dialog was dismissed. */
  readonly choice: string
  readonly input: string
}

interface Open extends Question {
  readonly resolve: (answer: Answer) => void
}

export const useDialogs = defineStore('dialogs', () => {
  const current = shallowRef<Open>()
  let last: Promise<unknown> = Promise.resolve()

  const show = (question: Question): Promise<Answer> =>
    new Promise((resolve) => {
      current.value = { ...question, resolve }
    })
  /** A second question waits for the first. */
  const ask = (question: Question): Promise<Answer> => {
    const answer = last.then(() => show(question))
    last = answer
    return answer
  }
  const answer = (choice: string, input = ''): void => {
    const open = current.value
    current.value = undefined
    open?.resolve({ choice, input })
  }
  return { current, ask, answer }
})
