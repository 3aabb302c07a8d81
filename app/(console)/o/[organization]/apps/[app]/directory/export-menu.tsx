"use client";

import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useTranslations } from "next-intl";

const FILES = [
  { what: "departments", format: "csv" },
  { what: "members", format: "csv" },
  { what: "departments", format: "ndjson" },
  { what: "members", format: "ndjson" },
] as const;

type Props = {
  readonly address: string;
  /** The run after which it is looked at; `null`: now. */
  readonly at: string | null;
};

/** What can be saved of a directory. Each is a file that the browser saves by itself. */
export function ExportMenu({ address, at }: Props) {
  const t = useTranslations("directory");
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
          {t("export.menu")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FILES.map(({ what, format }) => (
          <Menu.Item
            key={`${what}.${format}`}
            component="a"
            href={`${address}/export?what=${what}&format=${format}${at === null ? "" : `&at=${at}`}`}
            download
          >
            {t(`export.${what}`, { format: format === "csv" ? "CSV" : "ndjson" })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
