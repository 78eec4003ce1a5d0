import type { Texts } from './types.ts'

export const texts: Texts = {
  name: '简体中文',
  templates: {
    success: {
      title: '{server_alias} 上的 {backup_name}：备份完成',
      message: `用时 {duration}，上传 {uploaded_size}。
{file_count} 个文件，{file_size}。目标位置：{available_versions} 个版本，{storage_size}。
开始时间：{backup_date}。`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{server_alias} 上的 {backup_name}：{status}',
      message: `{errors_count} 个错误，{warnings_count} 个警告。上次成功备份：{last_success_date}（{last_success_elapsed}）。
开始时间：{backup_date}，用时 {duration}。连续失败：{failures_in_a_row} 次。

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{server_alias} 上的 {backup_name}：{problem}',
      message: `应于 {expected_date}（{expected_elapsed}）运行，但没有收到任何结果。
上次运行：{last_backup_date}（{last_elapsed}）。上次成功备份：{last_success_date}（{last_success_elapsed}）。
间隔 {backup_interval}，容许延迟 {overdue_tolerance}。`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{server_alias} 上的 {backup_name}：已恢复正常',
      message: `此前状态：{problem}，持续 {problem_duration}。错过 {missed_runs} 次，连续失败 {failures_in_a_row} 次。
上次成功备份：{last_success_date}。`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: '备份摘要（{period}）：{problems_count} 个有问题',
      message: `{period_start} 至 {period_end}：{servers_count} 台服务器上的 {jobs_count} 个任务，{problems_count} 个有问题，{overdue_count} 个逾期。

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: { Success: '成功', Warning: '警告', Error: '错误', Fatal: '严重错误', Unknown: '结果未知' },
  problems: {
    overdue: '已逾期',
    tooOld: '太久没有成功备份',
    failedEarly: '开始前失败',
    failed: '备份失败',
    unreachable: '无法连接',
  },
  periods: { day: '日', week: '周', month: '月' },
  never: '从未',
  unknown: '未知',
  omitted: '……还有 {count} 行',
  tooOld: `上次成功备份自 {expected_date}（{expected_elapsed}）起已超过允许的时限。
上次运行：{last_backup_date}（{last_elapsed}）。上次成功备份：{last_success_date}（{last_success_elapsed}）。
连续失败：{failures_in_a_row} 次。`,
  unreachable: {
    title: '无法连接 {server}',
    message: `自 {since} 起没有响应，其 {jobs} 个任务的情况未知。
{reason}`,
  },
  reachable: { title: '{server} 已恢复响应', message: '曾有 {duration} 无法连接。' },
  storm: { title: '{count} 个备份需要关注', message: '一次检查中发现：\n{list}' },
  calm: { title: '{count} 个备份已恢复正常', message: '已结束：\n{list}' },
  more: '……还有 {count} 个',
  test: { title: 'duplistatus：测试', message: 'duplistatus 的消息会发送到这里。' },
}
