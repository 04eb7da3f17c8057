import { onTest, tellTest } from './control'

interface Item {
  readonly label?: string
  readonly role?: string
  readonly type?: string
  readonly submenu?: readonly Item[]
  readonly click?: () => void
}

export class Menu {
  static #application: Menu | null = null
  readonly items: readonly Item[]

  constructor(items: readonly Item[]) {
    this.items = items
  }
  static buildFromTemplate(template: readonly Item[]): Menu {
    for (const item of template.flatMap((each) => [each, ...(each.submenu ?? [])]))
      if (!item.label && !item.role && item.type !== 'separator')
        throw new Error('a menu item without label, role or type')
    return new Menu(template)
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu
  }
  static click(label: string): void {
    const items = Menu.#application?.items.flatMap((item) => item.submenu ?? []) ?? []
    const item = items.find((each) => each.label === label)
    if (item?.click) item.click()
    else tellTest({ type: 'unexpected', what: `a click on '${label}', which the menu does not have` })
  }
}

onTest('click-menu', ({ label }) => Menu.click(label))
