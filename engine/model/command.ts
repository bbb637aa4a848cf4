export const sh = 1
