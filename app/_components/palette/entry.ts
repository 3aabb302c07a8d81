import type { MantineColorScheme } from "@mantine/core";
import type { Locale } from "@/lib/i18n/locales";

/** In the order in which they stand. */
export const GROUPS = ["goTo", "apps", "departments", "actions"] as const;

/** What choosing an entry does. Nothing but language and appearance is changed from here; the rest opens a page. */
type EntryAction =
  /** `button` names the one of that page which the focus is for. */
  | { readonly type: "open"; readonly href: string; readonly button?: string }
  | { readonly type: "language"; readonly locale: Locale }
  | { readonly type: "scheme"; readonly scheme: MantineColorScheme }
  | { readonly type: "signOut" };

/** One line of the palette. */
export type PaletteEntry = {
  readonly id: string;
  readonly group: (typeof GROUPS)[number];
  readonly label: string;
  /** Below the label, smaller. */
  readonly detail?: string;
  readonly keywords?: string;
  readonly action: EntryAction;
  /** Shown only once something is typed, for there may be many. */
  readonly isHiddenUntilTyped?: boolean;
};

/** What is typed and what is looked through, in one form: `Ｍ` is `m`, and an app's spaces don't matter at its ends. */
const inForm = (text: string) => text.normalize("NFKC").toLowerCase().trim();

type Matchable = { readonly label: string; readonly detail?: string; readonly keywords?: string };

/**
 * Whether an entry is meant by what was typed: each word of it stands in the entry's label or detail, or begins one
 * of its keywords, which hold the pinyin and its initials (`mulu`, `ml`).
 */
export function matchesQuery({ label, detail = "", keywords = "" }: Matchable, typed: string): boolean {
  const shown = inForm(`${label} ${detail}`);
  const hidden = inForm(keywords).split(/\s+/);
  return inForm(typed)
    .split(/\s+/)
    .every((word) => shown.includes(word) || hidden.some((keyword) => keyword.startsWith(word)));
}
