"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { MessagePage } from "@/app/_components/page/message-page";

type Props = {
  readonly error: Error & { digest?: string };
  /** Requests the page again. `reset` would only re-render the failed result. */
  readonly retry: () => void;
};

/** Shows a failed page's request id for a report, and no stack. */
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
