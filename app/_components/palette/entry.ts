import type { MantineColorScheme } from "@mantine/core";
import type { Locale } from "@/lib/i18n/locales";

/** In the order in which they stand. */
export const GROUPS = ["goTo", "apps", "departments", "actions"] as const;

/** What choosing an entry does. Nothing but language and appearance is changed from here; the rest opens a page. */
type Deed =
  /** `button` names the one of that page which the focus is for. */
  | { readonly is: "open"; readonly href: string; readonly button?: string }
  | { readonly is: "language"; readonly locale: Locale }
  | { readonly is: "scheme"; readonly scheme: MantineColorScheme }
  | { readonly is: "signOut" };

/** One line of the palette. */
export type PaletteEntry = {
  readonly id: string;
  readonly group: (typeof GROUPS)[number];
  readonly label: string;
  /** Below the label, smaller. */
  readonly detail?: string;
  readonly keywords?: string;
  readonly does: Deed;
  /** Shown only once something is typed, for there may be many. */
  readonly isOnRequest?: boolean;
};
