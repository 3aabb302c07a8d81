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
  /** The run whose directory is exported; `null` for the present. */
  readonly at: string | null;
};

/** Downloads of departments and members. */
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
