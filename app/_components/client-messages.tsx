import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import type en from "@/messages/en.json";

type Namespace = keyof typeof en;
type Props = { readonly namespaces?: readonly Namespace[]; readonly children: ReactNode };

/** What every form, every error and every time says. */
const EVERYWHERE: readonly Namespace[] = ["common", "error", "time", "validation"];

/** Hands the client components below it the sentences that they say, and no others. */
export async function ClientMessages({ namespaces, children }: Props) {
  const all = (await getMessages()) as Partial<Record<Namespace, never>>;
  const messages = Object.fromEntries(EVERYWHERE.concat(namespaces ?? []).map((name) => [name, all[name]]));
  return <NextIntlClientProvider messages={messages}>{children}</NextIntlClientProvider>;
}
