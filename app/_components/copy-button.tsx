"use client";

import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { announce } from "./announce";

type Props = { readonly value: string /** What is copied, such as "Copy AppKey". */; readonly label: string };

/** Copies an identifier and says so, in place and to screen readers. */
export function CopyButton({ value, label }: Props) {
  const t = useTranslations("common");
  const { copy, copied } = useClipboard({ timeout: 2_000 });
  const onClick = () => {
    copy(value);
    announce(t("copied"));
  };
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-label={copied ? t("copied") : label}
      onClick={onClick}
    >
      {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
    </ActionIcon>
  );
}
