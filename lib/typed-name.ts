import { withoutHidden } from "./hidden-characters";

const plain = (text: string) => text.trim().normalize("NFC");

/**
 * Whether what was typed to confirm is the shown name, as people see it: trimmed, in one Unicode form (S25).
 * Marks in the name that no keyboard has may be left out.
 */
export const isTypedName = (typed: string, shown: string): boolean =>
  plain(typed) === plain(shown) || plain(typed) === plain(withoutHidden(shown));
