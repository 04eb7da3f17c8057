/** Virtual NICs that a session can have: the Intel 82540EM, and one for first lessons. */
export type NicModel = '82540EM' | 'teaching'
