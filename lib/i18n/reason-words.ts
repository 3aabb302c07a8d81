import type { useTranslations } from "next-intl";

export type SyncTranslator = ReturnType<typeof useTranslations<"sync">>;

/** Explains why Dingkeep, not DingTalk, skipped or stopped a part of a sync. */
export function reasonWords(
  t: SyncTranslator,
  reason: object,
): { readonly title: string; readonly body: string } {
  const { kind, ...values } = reason as { kind: string; [name: string]: string | number };
  const key = t.has(`reason.${kind}.title` as never) ? kind : "internal";
  const placeholders = { ...values, max: values.departmentsMax ?? values.membersMax };
  return {
    title: t(`reason.${key}.title` as never, placeholders as never),
    body: t(`reason.${key}.body` as never, placeholders as never),
  };
}
