"""Sentences that several kinds say."""

from question_bank.wording import Wording

UNANSWERED = Wording("未作答", "No response")
RIGHT_OR_NOTHING = Wording("答对得满分，答错或不答不得分。", "Full points for the right response; otherwise none.")
MARKED_BY_PEOPLE = Wording("由阅卷人员按评分标准给分。", "Marked by people, with a rubric.")
