// The way between what one writes oneself and what MCP servers offer.
import { Link } from "@tanstack/react-router";
import { Plug, Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";

const TAB = {
  className: "-mb-px inline-flex h-10 shrink-0 items-center gap-2 border-b-2 px-3 text-base font-medium transition-colors duration-120 focus-visible:rounded-md focus-visible:-outline-offset-2 [&_svg]:size-4",
  activeProps: { className: "border-primary text-primary-ink", "aria-current": "page" },
  inactiveProps: { className: "border-transparent text-muted hover:text-ink" },
  activeOptions: { includeSearch: false, exact: true },
} as const;

export function ToolsTabs() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("nav.tools")} className="flex gap-1 scroll-strip overflow-x-auto border-b border-line">
      <Link to="/tools" {...TAB}>
        <Wrench aria-hidden />
        {t("nav.ownTools")}
      </Link>
      <Link to="/tools/mcp" {...TAB}>
        <Plug aria-hidden />
        {t("nav.mcpServers")}
      </Link>
    </nav>
  );
}
