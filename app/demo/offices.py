"""Offices, schools and firms of the demo county, the posts that their workers hold, and who works with the system."""

from app.people.rules import UnitKind
from app.security.permissions import Role

_ORGANISATION = "中共{county}委组织部"
_DISCIPLINE = "中共{county}纪律检查委员会"
_SOCIAL = "中共{county}委社会工作部"
_SCHOOL = "中共{county}委党校"
_SECURITY = "{county}公安局"
_EDUCATION = "{county}教育局"
_OFFICE = "中共{county}委办公室"
_DATA = "{county}大数据中心"
_AUDIT = "{county}审计局"
_COUNTY = "{county}"

CITY_ORGANS = (
    _OFFICE, _ORGANISATION, _DISCIPLINE, "中共{county}委宣传部", "中共{county}委统战部", "中共{county}委政法委员会",
    _SOCIAL, "中共{county}委直属机关工作委员会", "中共{county}委机构编制委员会办公室", "中共{county}委老干部局",
    "{county}人大常委会办公室", "{county}人民政府办公室", "{county}政协办公室", "{county}人民法院",
    "{county}人民检察院", "{county}发展和改革局", _EDUCATION, "{county}科学技术局", "{county}工业和信息化局",
    _SECURITY, "{county}民政局", "{county}司法局", "{county}财政局", "{county}人力资源和社会保障局",
    "{county}自然资源局", "{county}生态环境局", "{county}住房和城乡建设局", "{county}交通运输局", "{county}水利局",
    "{county}农业农村局", "{county}商务局", "{county}文化和旅游局", "{county}卫生健康局", "{county}退役军人事务局",
    "{county}应急管理局", _AUDIT, "{county}市场监督管理局", "{county}统计局", "{county}总工会",
    "共青团{county}委员会",
)  # fmt: skip
INSTITUTIONS = (
    _SCHOOL, _DATA, "{county}档案馆", "{county}融媒体中心", "{county}政务服务中心", "{county}图书馆",
    "{county}文化馆", "{county}博物馆", "{county}疾病预防控制中心", "{county}社会保险事业中心",
    "{county}公共就业服务中心", "{county}不动产登记中心", "{county}农业技术推广中心",
    "{county}动物疫病预防控制中心", "{county}林业发展中心", "{county}水库管理中心", "{county}公路事业发展中心",
    "{county}环境卫生服务中心", "{county}园林绿化中心", "{county}住房保障中心", "{county}体育事业发展中心",
    "{county}供销合作社联合社", "{county}机关事务服务中心", "{county}气象服务中心",
)  # fmt: skip
SOES = (
    "{county}城市建设投资集团", "{county}交通发展集团", "{county}文化旅游投资集团", "{county}水务集团",
    "{county}公共交通公司", "{county}粮食储备公司", "{county}热力公司", "{county}农业发展投资公司",
    "{county}国有资产运营公司", "{county}融资担保公司",
)  # fmt: skip
SCHOOLS = (
    *(f"{{county}}第{n}中学" for n in "一二三四五六"), *(f"{{county}}第{n}小学" for n in "一二三四五六七八九十"),
    "{county}实验中学", "{county}实验小学", "{county}职业教育中心", "{county}特殊教育学校", "{county}机关幼儿园",
    "{county}第一幼儿园", "{county}清河镇中学", "{county}东山镇中学", "{county}白石镇中学", "{county}柳林镇中学",
    "{county}清河镇中心小学", "{county}东山镇中心小学", "{county}永宁镇中心小学", "{county}新桥镇中心小学",
)  # fmt: skip
HOSPITALS = (
    "{county}人民医院", "{county}中医医院", "{county}妇幼保健院", "{county}第二人民医院", "{county}康复医院",
    "{county}精神卫生中心",
)  # fmt: skip
SOCIAL_ORGANISATIONS = (
    "{county}律师协会", "{county}个体私营企业协会", "{county}志愿者联合会", "{county}慈善会", "{county}商会",
    "{county}物业服务协会", "{county}社会工作服务中心", "{county}养老服务协会", "{county}餐饮行业协会",
    "{county}建筑业协会", "{county}果业协会", "{county}快递行业协会",
)  # fmt: skip

POSTS: dict[UnitKind, tuple[str, ...]] = {
    UnitKind.TOWNSHIP: ("党建工作办公室主任", "组织干事", "党务专干"),
    UnitKind.CITY_ORGAN: ("机关党务干事", "党务专干", "组织员"),
    UnitKind.INSTITUTION: ("党支部组织委员", "党务干事"),
    UnitKind.SOE: ("党群工作部部长", "党群工作部副部长", "党务干事", "组织员", "党务专干"),
    UnitKind.VILLAGE: ("村党务专干", "村党支部副书记"),
    UnitKind.COMMUNITY: ("社区党务专干", "社区党组织副书记"),
    UnitKind.SCHOOL: ("党建办公室主任", "党务干事"),
    UnitKind.HOSPITAL: ("党委办公室主任", "党委办公室副主任", "党务干事", "组织员", "党务专干"),
    UnitKind.NON_PUBLIC: ("党建指导员",),
    UnitKind.SOCIAL_ORGANISATION: ("党建指导员",),
}

STAFF: tuple[tuple[Role, str, str, str], ...] = (
    # role, office, post, the unit at and below which the role holds
    (Role.ITEM_AUTHOR, _SCHOOL, "教研室主任", _COUNTY),
    (Role.ITEM_AUTHOR, _SCHOOL, "讲师", _COUNTY),
    (Role.ITEM_AUTHOR, _ORGANISATION, "党员教育中心干部", _COUNTY),
    (Role.ITEM_REVIEWER, _SCHOOL, "副校长", _COUNTY),
    (Role.ITEM_REVIEWER, _ORGANISATION, "组织科科长", _COUNTY),
    (Role.BANK_LEAD, _SCHOOL, "教务处处长", _COUNTY),
    (Role.EXAM_OFFICER, _ORGANISATION, "考务科科长", _COUNTY),
    (Role.EXAM_OFFICER, _ORGANISATION, "考务科干部", _COUNTY),
    (Role.EXAM_APPROVER, _ORGANISATION, "分管副部长", _COUNTY),
    (Role.EXAM_APPROVER, _ORGANISATION, "常务副部长", _COUNTY),
    (Role.CHIEF_PROCTOR, _EDUCATION, "招生考试办公室主任", _COUNTY),
    (Role.PROCTOR, _EDUCATION, "招生考试办公室干部", _COUNTY),
    (Role.PROCTOR, _EDUCATION, "教研员", _COUNTY),
    (Role.PROCTOR, _EDUCATION, "人事科干部", _COUNTY),
    (Role.PROCTOR, _EDUCATION, "基础教育科干部", _COUNTY),
    (Role.DISCIPLINE_HANDLER, _DISCIPLINE, "党风政风监督室干部", _COUNTY),
    (Role.DISCIPLINE_HANDLER, _DISCIPLINE, "案件监督管理室干部", _COUNTY),
    (Role.DISCIPLINE_APPROVER, _DISCIPLINE, "副书记", _COUNTY),
    (Role.PUBLIC_SECURITY_HANDLER, _SECURITY, "政治处干部", _COUNTY),
    (Role.PUBLIC_SECURITY_HANDLER, _SECURITY, "治安大队民警", _COUNTY),
    (Role.PUBLIC_SECURITY_APPROVER, _SECURITY, "副局长", _COUNTY),
    (Role.PANEL_MEMBER, _ORGANISATION, "干部监督科科长", _COUNTY),
    (Role.PANEL_MEMBER, _ORGANISATION, "基层组织科科长", _COUNTY),
    (Role.PANEL_MEMBER, _SOCIAL, "副部长", _COUNTY),
    (Role.CERTIFICATE_OFFICER, _ORGANISATION, "证书管理员", _COUNTY),
    (Role.CERTIFICATE_APPROVER, _ORGANISATION, "部务委员", _COUNTY),
    (Role.UNIT_LIAISON, _ORGANISATION, "全县报名联络员", _COUNTY),
    (Role.UNIT_LIAISON, "清河镇", "组织委员", "清河镇"),
    (Role.UNIT_LIAISON, "城关街道", "组织委员", "城关街道"),
    (Role.LEADER, _ORGANISATION, "部长", _COUNTY),
    (Role.SYSTEM_ADMINISTRATOR, _DATA, "系统管理员", _COUNTY),
    (Role.SECURITY_ADMINISTRATOR, _OFFICE, "安全管理员", _COUNTY),
    (Role.SECURITY_ADMINISTRATOR, _DATA, "安全管理员", _COUNTY),
    (Role.AUDIT_ADMINISTRATOR, _AUDIT, "审计管理员", _COUNTY),
)
