"""Names whose component groups belong together: Chinese with pinyin, Korean with romanisation.

Faker draws a romanised name of another person, so these are written down. Characters with more
than one reading are left out, except as family names, where the reading is settled.
"""

from __future__ import annotations

# (hanzi, pinyin)
CHINESE_FAMILY = (
    ("王", "Wang"),
    ("李", "Li"),
    ("张", "Zhang"),
    ("刘", "Liu"),
    ("陈", "Chen"),
    ("杨", "Yang"),
    ("黄", "Huang"),
    ("赵", "Zhao"),
    ("吴", "Wu"),
    ("周", "Zhou"),
    ("徐", "Xu"),
    ("孙", "Sun"),
    ("马", "Ma"),
    ("朱", "Zhu"),
    ("胡", "Hu"),
    ("郭", "Guo"),
    ("何", "He"),
    ("高", "Gao"),
    ("林", "Lin"),
    ("罗", "Luo"),
    ("郑", "Zheng"),
    ("梁", "Liang"),
    ("谢", "Xie"),
    ("宋", "Song"),
    ("欧阳", "Ouyang"),
    ("司马", "Sima"),
    ("诸葛", "Zhuge"),
)

# (hanzi, pinyin); the last ones of each have characters that GB 2312 lacks and GB 18030 has.
CHINESE_GIVEN = {
    "F": (
        ("芳", "Fang"),
        ("秀英", "XiuYing"),
        ("敏", "Min"),
        ("静", "Jing"),
        ("丽", "Li"),
        ("艳", "Yan"),
        ("娟", "Juan"),
        ("秀兰", "XiuLan"),
        ("霞", "Xia"),
        ("桂英", "GuiYing"),
        ("春梅", "ChunMei"),
        ("海燕", "HaiYan"),
        ("玉兰", "YuLan"),
        ("雪", "Xue"),
        ("雨桐", "YuTong"),
        ("婷婷", "TingTing"),
        ("玥", "Yue"),
    ),
    "M": (
        ("小东", "XiaoDong"),
        ("伟", "Wei"),
        ("强", "Qiang"),
        ("磊", "Lei"),
        ("军", "Jun"),
        ("勇", "Yong"),
        ("杰", "Jie"),
        ("涛", "Tao"),
        ("明", "Ming"),
        ("超", "Chao"),
        ("平", "Ping"),
        ("建华", "JianHua"),
        ("志强", "ZhiQiang"),
        ("国强", "GuoQiang"),
        ("俊杰", "JunJie"),
        ("浩然", "HaoRan"),
        ("思远", "SiYuan"),
        ("喆", "Zhe"),
        ("堃", "Kun"),
    ),
}

# (romanisation, hanja, hangul)
KOREAN_FAMILY = (
    ("Kim", "金", "김"),
    ("Lee", "李", "이"),
    ("Park", "朴", "박"),
    ("Choi", "崔", "최"),
    ("Jung", "鄭", "정"),
    ("Kang", "姜", "강"),
    ("Cho", "趙", "조"),
    ("Yoon", "尹", "윤"),
    ("Jang", "張", "장"),
    ("Lim", "林", "임"),
    ("Han", "韓", "한"),
    ("Oh", "吳", "오"),
    ("Seo", "徐", "서"),
    ("Shin", "申", "신"),
    ("Kwon", "權", "권"),
    ("Hwang", "黃", "황"),
    ("Ahn", "安", "안"),
    ("Song", "宋", "송"),
    ("Hong", "洪", "홍"),
    ("Namgung", "南宮", "남궁"),
)

KOREAN_GIVEN = {
    "F": (
        ("Seoyeon", "瑞妍", "서연"),
        ("Yeonghui", "英姬", "영희"),
        ("Sujin", "秀珍", "수진"),
        ("Eunjeong", "恩貞", "은정"),
        ("Migyeong", "美京", "미경"),
        ("Jiyeong", "智英", "지영"),
        ("Hyejin", "惠珍", "혜진"),
        ("Minji", "敏智", "민지"),
        ("Sunja", "順子", "순자"),
        ("Jeonghui", "貞姬", "정희"),
    ),
    "M": (
        ("Gildong", "吉洞", "길동"),
        ("Minjun", "敏俊", "민준"),
        ("Jihun", "智勳", "지훈"),
        ("Cheolsu", "哲洙", "철수"),
        ("Hyeonu", "賢宇", "현우"),
        ("Seongho", "成浩", "성호"),
        ("Donghyeon", "東賢", "동현"),
        ("Jaeseok", "在錫", "재석"),
        ("Sanghun", "相勳", "상훈"),
        ("Yeongsu", "英洙", "영수"),
    ),
}
