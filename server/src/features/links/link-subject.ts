/** What the log calls a link: its title, or what it leads to, as “Contract.pdf +2”, in no language. */
export const linkSubject = (link: { id: string, title: string | null }, [first, ...others]: readonly { name: string }[]) => ({
  kind: 'link' as const,
  id: link.id,
  name: link.title ?? [first?.name, others.length > 0 && `+${others.length}`].filter(Boolean).join(' '),
})
