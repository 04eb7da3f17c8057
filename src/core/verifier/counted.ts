/** '1 packet', '2 packets'. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
