import type { MantineColorScheme } from "@mantine/core";
import type { Locale } from "@/lib/i18n/locales";

export const GROUPS = ["goTo", "apps", "departments", "actions"] as const;

/**
 * Runs when an entry is chosen. Only language, color scheme and session change directly; everything else opens a
 * page.
 */
type EntryAction =
  /** `button` is the label of the button to focus on that page. */
  | { readonly type: "open"; readonly href: string; readonly button?: string }
  | { readonly type: "language"; readonly locale: Locale }
  | { readonly type: "scheme"; readonly scheme: MantineColorScheme }
  | { readonly type: "signOut" };

export type PaletteEntry = {
  readonly id: string;
  readonly group: (typeof GROUPS)[number];
  readonly label: string;
  readonly detail?: string;
  readonly keywords?: string;
  readonly action: EntryAction;
  /** Hidden until the user types, because there can be many. */
  readonly isHiddenUntilTyped?: boolean;
};
