/** '1 frame', '2 frames'. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
