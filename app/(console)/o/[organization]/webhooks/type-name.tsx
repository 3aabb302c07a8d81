import { getTranslations } from "next-intl/server";
import { EVENT_TYPES, type EventType, TEST_EVENT_TYPE } from "@/lib/webhook-log/event-types";

const isKnown = (type: string): type is EventType | typeof TEST_EVENT_TYPE =>
  type === TEST_EVENT_TYPE || EVENT_TYPES.some((one) => one === type);

/** The type of an event in words; the type itself if it is no longer in use. */
export async function TypeName({ type }: { readonly type: string }) {
  const t = await getTranslations("webhooks");
  return isKnown(type) ? t(`type.${type}`) : <code>{type}</code>;
}
