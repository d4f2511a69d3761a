// `/flow/:id/leads`: who left an address.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ContactRound, Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { leadsQuery } from "~/api/conversations";
import type { Lead } from "~/api/types/Lead";
import { arrange, ListPage, useListState } from "~/features/list";
import { csvText } from "~/lib/csv";
import { download } from "~/lib/download";
import { absoluteTime } from "~/lib/time";
import { Button } from "~/ui/button";

function leadsCsv(leads: readonly Lead[]): string {
  return csvText(["name", "email", "phone", "chatId", "createdDate"], leads.map((lead) => [lead.name, lead.email, lead.phone, lead.chatId, lead.createdDate]));
}

export function LeadsPage() {
  const { t, i18n } = useTranslation("leads");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/leads" });
  const query = useQuery(leadsQuery(id));
  const list = useListState({ name: "leads", sort: { key: "createdDate", descending: true } });
  const { rows, total, found } = arrange(
    query.data ?? [],
    list,
    { text: (row) => [row.name, row.email, row.phone], sorts: { name: (row) => row.name, email: (row) => row.email, phone: (row) => row.phone, createdDate: (row) => row.createdDate } },
    i18n.language,
  );
  const text = (value: string | null) => value || <span className="text-faint">–</span>;
  return (
    <ListPage
      framed
      list={list}
      title={t("title")}
      lead={t("lead")}
      actions={
        found.length > 0 && (
          <Button onClick={() => download(`leads-${id}.csv`, leadsCsv(found), "text/csv")}>
            <Download aria-hidden />
            {t("export")}
          </Button>
        )
      }
      query={query}
      rows={rows}
      total={total}
      idOf={(row) => row.id}
      nameOf={(row) => row.name ?? row.email ?? row.phone ?? row.id}
      searchLabel={t("search")}
      countText={(count) => t("count", { count })}
      columns={[
        { key: "name", label: t("name"), fixed: true, sortable: true, onPhone: true, cell: (row) => <span className="font-medium">{text(row.name)}</span> },
        {
          key: "email",
          label: t("email"),
          sortable: true,
          onPhone: true,
          cell: (row) =>
            row.email ? (
              <a href={`mailto:${encodeURIComponent(row.email)}`} className="text-primary-ink [overflow-wrap:anywhere] hover:underline">
                {row.email}
              </a>
            ) : (
              text(null)
            ),
        },
        { key: "phone", label: t("phone"), sortable: true, cell: (row) => text(row.phone) },
        { key: "createdDate", label: t("created"), sortable: true, cell: (row) => <span className="whitespace-nowrap text-muted">{absoluteTime(row.createdDate, i18n.language)}</span> },
      ]}
      empty={{
        icon: <ContactRound />,
        title: t("empty.title"),
        body: t("empty.body"),
        action: (
          <Button asChild>
            <Link to="/flow/$id/settings" params={{ id }} search={{ section: "leads" }}>
              {t("empty.action")}
            </Link>
          </Button>
        ),
      }}
    />
  );
}
