import { withoutHidden } from "./hidden-characters";

const plain = (text: string) => text.trim().normalize("NFC");

/**
 * Returns whether the text typed to confirm equals the shown name, trimmed and in one Unicode form (S25). Invisible
 * characters of the name may be missing.
 */
export const isTypedName = (typed: string, shown: string): boolean =>
  plain(typed) === plain(shown) || plain(typed) === plain(withoutHidden(shown));
