import { getTranslations } from "next-intl/server";
import { MessagePage } from "@/app/_components/page/message-page";

/** Shown for missing objects and for objects of other organizations alike (S15). */
export default async function NotFound() {
  const t = await getTranslations("error");
  return (
    <>
      <title>{`${t("notFoundTitle")} – Dingkeep`}</title>
      <MessagePage title={t("notFoundTitle")} sentence={t("notFound")} link={t("home")} />
    </>
  );
}
