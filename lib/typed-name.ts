import { withoutHidden } from "./hidden-characters";

const plain = (text: string) => text.trim().normalize("NFC");

/**
 * Compares the name typed as a confirmation with the shown name (S25). The typed name may lack invisible characters.
 */
export const isTypedName = (typed: string, shown: string): boolean =>
  plain(typed) === plain(shown) || plain(typed) === plain(withoutHidden(shown));
