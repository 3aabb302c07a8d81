"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { MessagePage } from "@/app/_components/page/message-page";

type Props = {
  readonly error: Error & { digest?: string };
  /** Asks the server for the page anew; `reset` would only show again what failed. */
  readonly retry: () => void;
};

/** What is seen when a page fails: that it is ours, the id to tell us, and a way on. Nothing of the stack. */
export default function ErrorPage({ error, retry }: Props) {
  const t = useTranslations("error");
  const common = useTranslations("common");
  return (
    <MessagePage
      title={t("oursTitle")}
      sentence={t("ours")}
      link={t("home")}
      action={<Button onClick={retry}>{common("retry")}</Button>}
    >
      <title>{`${t("oursTitle")} – Dingkeep`}</title>
      {error.digest && (
        <p>
          {t("requestId")}: <code>{error.digest}</code>{" "}
          <CopyButton value={error.digest} label={t("copyRequestId")} />
        </p>
      )}
    </MessagePage>
  );
}
