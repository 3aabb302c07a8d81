import { getTranslations } from "next-intl/server";
import { MessagePage } from "@/app/_components/page/message-page";

/** One page for what isn't there and for what isn't theirs. */
export default async function NotFound() {
  const t = await getTranslations("error");
  return (
    <>
      <title>{`${t("notFoundTitle")} – Dingkeep`}</title>
      <MessagePage title={t("notFoundTitle")} sentence={t("notFound")} link={t("home")} />
    </>
  );
}
