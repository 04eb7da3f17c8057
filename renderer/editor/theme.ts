/** The editor in the colours of styles/tokens.css: one source for both. */
import { monaco } from './monaco'

export const EDITOR_THEME = 'workbench'

/** Syntax colours: the only place where hue does not mean a state. */
const SYNTAX = {
  dark: {
    keyword: 'c099d9',
    string: 'a8c58f',
    number: 'd7b48a',
    comment: '7f8a78',
    type: '7fc1c9',
    plain: 'd9dde3',
    delimiter: 'a4adb9',
  },
  light: {
    keyword: '7a3e9d',
    string: '44691d',
    number: '8a4b08',
    comment: '647060',
    type: '0f6570',
    plain: '1d2126',
    delimiter: '4d5662',
  },
}

/** The bundler shortens #ffffff to #fff, which Monaco does not take. */
const sixDigits = (color: string): string =>
  /^#[0-9a-f]{3,4}$/i.test(color) ? color.replace(/[0-9a-f]/gi, '$&$&') : color

export function applyEditorTheme(shown: 'dark' | 'light'): void {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => sixDigits(style.getPropertyValue(`--${name}`).trim())
  const syntax = SYNTAX[shown]
  // Hue means a kind of word here, not the depth of a bracket.
  const brackets = Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((level) => [`editorBracketHighlight.foreground${level}`, `#${syntax.delimiter}`]),
  )
  monaco.editor.defineTheme(EDITOR_THEME, {
    base: shown === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: syntax.plain },
      { token: 'keyword', foreground: syntax.keyword },
      { token: 'string', foreground: syntax.string },
      { token: 'number', foreground: syntax.number },
      { token: 'comment', foreground: syntax.comment },
      { token: 'type', foreground: syntax.type },
      { token: 'delimiter', foreground: syntax.delimiter },
    ],
    colors: {
      ...brackets,
      'editor.background': token('bg-panel'),
      'editor.foreground': token('text'),
      'editorGutter.background': token('bg-panel'),
      'editorLineNumber.foreground': token('text-3'),
      'editorLineNumber.activeForeground': token('text'),
      'editor.lineHighlightBackground': token('bg-bar'),
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': token('bg-selected'),
      'editorWidget.background': token('bg-raised'),
      'editorWidget.border': token('line-strong'),
      'editorHoverWidget.background': token('bg-raised'),
      'editorHoverWidget.border': token('line-strong'),
      'editorSuggestWidget.background': token('bg-raised'),
      'editorSuggestWidget.selectedBackground': token('bg-selected'),
      'editorSuggestWidget.highlightForeground': token('link'),
      'list.hoverBackground': token('bg-hover'),
      'input.background': token('bg-input'),
      'input.border': token('line-strong'),
      'editorError.foreground': token('trouble'),
      'editorWarning.foreground': token('stopped'),
      'editorOverviewRuler.border': '#00000000',
      focusBorder: token('focus'),
      'textLink.foreground': token('link'),
    },
  })
  monaco.editor.setTheme(EDITOR_THEME)
}
