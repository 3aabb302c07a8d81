"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { MessagePage } from "./_components/message-page";

type Props = { readonly error: Error & { digest?: string }; readonly reset: () => void };

/** What is seen when a page fails: that it is ours, the id to tell us, and a way on. Nothing of the stack. */
export default function ErrorPage({ error, reset }: Props) {
  const t = useTranslations("error");
  const common = useTranslations("common");
  return (
    <MessagePage title={t("oursTitle")} sentence={t("ours")} link={t("home")}>
      <title>{`${t("oursTitle")} – Dingkeep`}</title>
      {error.digest && (
        <p>
          {t("requestId")}: <code>{error.digest}</code>
        </p>
      )}
      <Button onClick={reset}>{common("retry")}</Button>
    </MessagePage>
  );
}
