// Reads test results.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { TestResultEntity } from '../../../execution/index.js';
import { key, keyOfToken, LONG_PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';

const byPlace: PagedList<[string, number]> = { name: 'tests', form: z.tuple([key.uuid, key.number]) };

@Injectable()
export class TestQueries {
  constructor(private readonly database: DataSource) {}

  /** The test results of a job, report by report in the order of the file. */
  async ofJob<Item>(
    jobId: string,
    token: string | undefined,
    view: (row: TestResultEntity) => Item,
  ): Promise<Page<Item>> {
    const after = keyOfToken(byPlace, token);
    const query = this.database.manager
      .createQueryBuilder(TestResultEntity, 't')
      .where('t.job_id = :jobId', { jobId })
      .orderBy('t.reportId')
      .addOrderBy('t.index')
      .limit(LONG_PAGE_SIZE + 1);
    if (after)
      query.andWhere('(t.report_id, t.index) > (:report, :index)', { report: after[0], index: after[1] });
    return pageOf(await query.getMany(), LONG_PAGE_SIZE, byPlace, (row) => [row.reportId, row.index], view);
  }
}
