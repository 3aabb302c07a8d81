/** Whether what was typed to confirm is the shown name, as people see it: trimmed, in one Unicode form (S25). */
export const isTypedName = (typed: string, shown: string): boolean =>
  typed.trim().normalize("NFC") === shown.trim().normalize("NFC");
