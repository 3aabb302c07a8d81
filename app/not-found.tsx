import { getTranslations } from "next-intl/server";
import { MessagePage } from "@/app/_components/page/message-page";

/** Shows one page for missing things and for things of other organizations (S15). */
export default async function NotFound() {
  const t = await getTranslations("error");
  return (
    <>
      <title>{`${t("notFoundTitle")} – Dingkeep`}</title>
      <MessagePage title={t("notFoundTitle")} sentence={t("notFound")} link={t("home")} />
    </>
  );
}
