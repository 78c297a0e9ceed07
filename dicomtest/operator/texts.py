"""What terminal and page say besides the cards, in English and Chinese."""

from __future__ import annotations

from dicomtest.awaiting.words import Words

TEXTS = {
    "title": Words("Acceptance test: your turn", "验收测试：请您操作"),
    "at": Words("At", "操作设备"),
    "use": Words("Use these values", "请使用以下数据"),
    "awaited": Words("Waiting for", "正在等待"),
    "left": Words("Time left", "剩余时间"),
    "seen": Words("Seen so far", "已收到"),
    "nothing": Words("nothing yet", "尚未收到任何内容"),
    "near": Words("Almost", "接近但不符合"),
    "questions": Words("Please answer", "请回答"),
    "done": Words("Done", "已完成"),
    "answers": Words("Send answers", "提交回答"),
    "fails": Words("It does not work", "操作失败"),
    "impossible": Words("Cannot be done here", "此处无法执行"),
    "later": Words("Later", "稍后"),
    "repeat": Words("Repeat", "重新开始"),
    "extend": Words("More time (5 minutes)", "延长时间（5 分钟）"),
    "yes": Words("yes", "是"),
    "no": Words("no", "否"),
    "unknown": Words("cannot tell", "无法判断"),
    "reason": Words("What happens?", "出现了什么情况？"),
    "note": Words("Note", "备注"),
    "send": Words("Send", "提交"),
    "cancel": Words("Cancel", "取消"),
    "name": Words("Your name", "您的姓名"),
    "past": Words("Steps so far", "已处理的步骤"),
    "idle": Words("Nothing for you to do at the moment.", "目前无需操作。"),
    "over": Words("The run is over. You can close this page.", "测试已结束，可以关闭此页面。"),
    "gone": Words("The program does not answer any more.", "程序已无响应。"),
    "first": Words("Somebody else was first, or the step is over.", "已由他人处理或该步骤已结束。"),
    "language": Words("中文", "English"),
    "device": Words("On another device (works once)", "在其他设备上打开（链接只能使用一次）"),
    "itself": Words("It acts by itself or is made to.", "设备将自动执行或由程序触发。"),
    "keys": Words(
        "Enter: d done, f it does not work, c cannot be done here, l later, r repeat, "
        "m more time, ? show again",
        "请输入：d 已完成，f 操作失败，c 此处无法执行，l 稍后，r 重新开始，m 延长时间，? 再次显示",
    ),
    "time-over": Words("the time is over", "时间已到"),
}

REASONS = {
    "no-response": Words("no answer, or a time-out", "无响应或超时"),
    "refused": Words("an error message on the screen", "屏幕显示错误信息"),
    "not-found": Words("patient or study cannot be found", "找不到患者或检查"),
    "no-function": Words("there is no such button or function", "没有该按钮或功能"),
    "other": Words("something else", "其他"),
}


def words(language: str) -> dict[str, str]:
    """Every text in one language."""
    return {name: each.in_language(language) for name, each in TEXTS.items()}


def reasons(language: str) -> dict[str, str]:
    """The usual reasons why something does not work."""
    return {name: each.in_language(language) for name, each in REASONS.items()}
