"use client";

import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconX } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { announce } from "./announce";

type Props = {
  readonly value: string /** Accessible name, such as "Copy AppKey". */;
  readonly label: string;
};

/** Copies a text, and shows and announces whether that worked. */
export function CopyButton({ value, label }: Props) {
  const t = useTranslations("common");
  const { copy, copied, error } = useClipboard({ timeout: 2_000 });
  // Browsers give pages without TLS no clipboard, so the copy can fail.
  const message = copied ? t("copied") : error ? t("notCopied") : null;
  const Icon = copied ? IconCheck : error ? IconX : IconCopy;
  useEffect(() => {
    if (message !== null) announce(message);
  }, [message]);
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-label={copied ? t("copied") : label}
      onClick={() => copy(value)}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
}
