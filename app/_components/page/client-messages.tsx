import { NextIntlClientProvider } from "next-intl";
import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import type en from "@/messages/en.json";

type Namespace = keyof typeof en;
type Props = { readonly namespaces?: readonly Namespace[]; readonly children: ReactNode };

/** Namespaces that forms, errors and times use on every page. */
const EVERYWHERE: readonly Namespace[] = ["common", "error", "time", "validation"];

/** Keys that only server components use. Sending them would enlarge every page that loads the namespace. */
const SERVER_ONLY: Readonly<Record<string, readonly string[]>> = {
  app: [
    "appId",
    "brokenHelp",
    "copyAppId",
    "copyAppKey",
    "copyCorpId",
    "disabledBy",
    "disabledHelp",
    "disabledSince",
    "draftHelp",
    "draftTitle",
    "emptyHelp",
    "emptyTitle",
    "lastFour",
    "secretMasked",
    "tokenExpiry",
    "tokenGone",
    "tokenUntil",
  ],
  error: [
    "busy",
    "busyTitle",
    "down",
    "downTitle",
    "forbiddenHelp",
    "forbiddenTitle",
    "method_not_allowed",
    "notFound",
    "notFoundTitle",
    "path_malformed",
    "path_refused",
    "wrong_content_type",
  ],
  sync: [
    "callsMade",
    "callsOf",
    "callsOfTitle",
    "cancelled",
    "continuedBy",
    "continues",
    "counts",
    "cutOff",
    "emptyHelp",
    "figure",
    "filterClear",
    "filterNone",
    "heldHelp",
    "heldWould",
    "incomplete",
    "listed",
    "missedEvents",
    "neverByItself",
    "noChange",
    "noChangeAll",
    "notContinued",
    "previewHelp",
    "previewNothing",
    "previewTitle",
    "reason",
    "records",
    "retryAt",
    "retryNever",
    "strategy",
    "trigger",
    "untouched",
  ],
  changes: ["outcome", "csvColumn", "column", "tooSlow"],
};

const shortened = new WeakMap<object, object>();

/** Returns one object per key, because React sends an object once and refers to it afterwards. */
function forBrowser(name: Namespace, sentences: object | undefined): object | undefined {
  const left = SERVER_ONLY[name];
  if (!left || !sentences) return sentences;
  const known = shortened.get(sentences);
  if (known) return known;
  const rest = Object.fromEntries(Object.entries(sentences).filter(([key]) => !left.includes(key)));
  shortened.set(sentences, rest);
  return rest;
}

/** Provides client components with the message namespaces they use, and no others. */
export async function ClientMessages({ namespaces, children }: Props) {
  const all = (await getMessages()) as Partial<Record<Namespace, never>>;
  const names = EVERYWHERE.concat(namespaces ?? []);
  const messages = Object.fromEntries(names.map((name) => [name, forBrowser(name, all[name])]));
  return <NextIntlClientProvider messages={messages}>{children}</NextIntlClientProvider>;
}
